from civic.core.shelves import Shelf


def test_what_was_least_lately_used_is_thrown_away() -> None:
    shelf = Shelf(10, weigh=len)
    shelf.put("a", "12345")
    shelf.put("b", "12345")
    assert shelf.get("a") == "12345"
    shelf.put("c", "12345")
    assert [shelf.get(key) is not None for key in "abc"] == [True, False, True]
    assert (len(shelf), shelf.size) == (2, 10)


def test_what_takes_the_place_of_something_counts_alone() -> None:
    shelf = Shelf(10, weigh=len)
    shelf.put("a", "12345")
    shelf.put("a", "1")
    assert (len(shelf), shelf.size) == (1, 1)


def test_nothing_is_left_of_what_was_cleared() -> None:
    shelf = Shelf(10, weigh=len)
    shelf.put("a", "12345")
    shelf.clear()
    assert (shelf.get("a"), len(shelf), shelf.size) == (None, 0, 0)
