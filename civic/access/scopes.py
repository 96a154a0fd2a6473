"""Where the models below this sub-app lie."""

from civic.access.registry import Scope, declare_scope
from civic.places.models import Place

declare_scope(Place, Scope(place="self"))
