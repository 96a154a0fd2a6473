"""The door of every desk page."""

from civic.access.decorators import office_page

desk_page = office_page
