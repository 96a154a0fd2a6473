"""The door of every desk page."""

from civic.access.doors import office_page

desk_page = office_page
