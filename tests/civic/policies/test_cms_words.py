"""The CMS speaks its own words: ours for the site's pages do not leak into its menu."""

import pytest
from django.utils.translation import gettext, override


@pytest.mark.parametrize(("word", "ours"), [("Help", "求助"), ("Pages", "翻页"), ("Reports", "举报")])
def test_the_menu_of_the_cms_keeps_its_words(word: str, ours: str) -> None:
    with override("zh-hans"):
        assert gettext(word) not in {word, ours}
