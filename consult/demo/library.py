"""The county's policies and their versions, through the editorial road: one writes, another approves."""

from typing import Any

from wagtail.models import Revision

from civic.policies import domain
from civic.policies.models import PolicyPage
from consult.demo.reading import County, read
