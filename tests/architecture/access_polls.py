"""Who may open the pages of polls: ballots, the desk, paper and meetings."""

from tests.architecture.access_answers import (
    Row,
    account,
    audits,
    desk,
    everybody,
    keys_slips,
    knows_drafts,
    manages,
    manages_draft,
    writes_for,
)


def polls() -> list[Row]:
    """Return the rows of voting."""
    running, done, draft = ("vote-open",), ("vote-done",), ("vote-draft",)
    ballot = {"choice": "park"}
    unheard = {"approver": 404}  # polls have no approver: whoever only approves answers finds no draft
    return [
        Row("polls", everybody(200)),
        *(Row("poll", everybody(200), slug) for slug in (running, done)),
        Row("poll", knows_drafts(200), draft),
        Row("poll-check", everybody(302), running),
        Row("poll-check", everybody(200, anonymous=302, elsewhere=403, suspended=403), running, ballot),
        Row("poll-check", everybody(403, anonymous=302), done, ballot),
        Row("poll-receipt", everybody(200), running),
        Row("poll-receipt", everybody(422), running, {"receipt": "2"}),
        Row("poll-receipt-file", everybody(302), running, {}),
        Row("poll-bulletin", everybody(200), running),
        Row("poll-result", everybody(200), done),
        Row("poll-bundle", everybody(200), done),
        Row("poll-bundle", everybody(404), running),
        Row("poll-verifier", everybody(200)),
        Row("about-counting", everybody(200)),
        *(Row(name, everybody(200), running) for name in ("poll-observe", "poll-notice", "poll-head")),
        Row("poll-observe", everybody(302), running, {"start": "1"}),
        Row("poll-object", account(200, suspended=403), running),
        Row("poll-object", account(302, suspended=403), running, {"text": "名册少了三户。"}),
        Row("poll-object", account(403), done),
        Row("desk-audits", audits(200) | dict.fromkeys(("wrong_place", "wrong_body"), 200)),
        *(Row("desk-audit", audits(200), slug) for slug in (running, done)),
        Row("desk-audit-recount", audits(302, official=403), done, {}),
        Row("desk-audit-recount", audits(403), running, {}),
        Row("desk-audit-sample", audits(422), done, {}),
        Row("desk-audit-ballots", audits(200, official=403), done, {}),
        Row("desk-audit-opinion", audits(422), done, {}),
        Row("desk-audit-opinion", audits(302), done),
        Row("desk-poll-objections", audits(200), running),
        Row("desk-poll-objection", audits(422), (*running, 2), {}),
        Row("desk-poll-objection", audits(302), (*running, 2), {"answer": "已补录。"}),
        Row("poll-result", everybody(404), running),
        Row("desk-polls", desk(official=200, approver=200, editor=200, moderator=200, administrator=200)),
        Row("desk-poll-new", {**manages(200), "wrong_body": 200}),
        Row("desk-poll-new", {**manages(422), "wrong_body": 422}, (), {}),
        *(
            Row(name, manages_draft(200) | unheard, draft)
            for name in ("desk-poll", "desk-poll-edit", "desk-poll-pictures")
        ),
        Row("desk-poll-pictures", manages_draft(422) | unheard, draft, {"key": "park"}),
        # The draft's roll is not drawn from a list, and only an open poll takes additions.
        Row("desk-poll-list", manages_draft(302) | unheard, draft),
        Row("desk-poll-add", manages_draft(302) | unheard, draft),
        Row("desk-poll-add", manages(200), running),
        Row("desk-poll-add", manages(422), running, {"login": "", "note": ""}),
        Row("desk-poll-edit", manages_draft(422) | unheard, draft, {}),
        Row("desk-poll-step", manages_draft(302) | unheard, draft, {"step": "announce"}),
        Row("desk-poll-step", manages(422), running, {"step": "withdraw", "note": ""}),
        *_paper(running, done),
        Row("desk-writing-for", desk(official=200, approver=200, editor=200, moderator=200, administrator=200)),
        Row("desk-poll-write-for", writes_for(200), running),
        Row("desk-poll-write-for", writes_for(422), running, {"who": "nobody@test.example"}),
        Row("desk-poll-write-for", writes_for(404), running, {"ticket": "x"}),
        Row("desk-poll-write-for", writes_for(403), done),
        *_meetings(),
    ]


def _paper(running: tuple[str], done: tuple[str]) -> list[Row]:
    return [
        Row("desk-paper", desk(official=200, approver=200, editor=200, moderator=200, administrator=200)),
        *(Row("desk-poll-paper", keys_slips(200), slug) for slug in (running, done)),
        Row("desk-poll-paper-pack", manages(302), running),
        Row("desk-poll-paper-pack", manages(422), running, {}),
        Row("desk-poll-paper-cancel", everybody(405), (*running, 1)),
        Row("desk-poll-paper-cancel", {**manages(404), "no_factor": 302}, (*running, 1), {}),
        Row("desk-poll-hand-out", keys_slips(200), running),
        Row("desk-poll-hand-out", keys_slips(422), running, {"who": "nobody@test.example"}),
        Row("desk-poll-key", keys_slips(200), running),
        Row("desk-poll-key", keys_slips(422), running, {"code": "2"}),
        Row("desk-poll-differences", keys_slips(200), running),
        Row("desk-poll-settle", keys_slips(409), (*running, 10_001)),
        Row("desk-poll-settle", keys_slips(409), (*running, 10_001), {"reading": "1"}),
        # The auditor of a poll reads how its paper ballots were keyed.
        *(
            Row(name, keys_slips(200) | {"auditor": 200}, done)
            for name in ("desk-poll-paper-report", "desk-poll-paper-report-file")
        ),
    ]


def _meetings() -> list[Row]:
    held, done = ("meet-open",), ("meet-done",)
    witnesses = everybody(403, anonymous=302, author=200, elsewhere=200)
    return [
        Row("poll", everybody(200), held),
        Row("poll-check", everybody(403, anonymous=302), held, {"choice": "yes", "cast": "1"}),
        Row("poll-result", everybody(302), done),
        Row("poll-minutes", everybody(200), done),
        Row("poll-minutes", everybody(404), held),
        Row("poll-bundle", everybody(404), done),
        Row("poll-witness", witnesses, held),
        Row("poll-witness", {**witnesses, "author": 409, "elsewhere": 409}, held, {"version": "7"}),
        Row("desk-poll", manages(302), held),
        Row("desk-meeting-new", {**manages(200), "wrong_body": 200}),
        Row("desk-meeting-new", {**manages(422), "wrong_body": 422}, (), {}),
        Row("desk-meeting", manages(200), held),
        Row("desk-meeting", manages(422), held, {}),
        Row("desk-meeting-edit", manages(302), held),
        Row("desk-meeting-step", manages(422), held, {"step": "publish"}),
    ]
