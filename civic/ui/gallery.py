"""Samples of every component, for the gallery page."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest

from civic.core import clock
from civic.core.refusals import STALE
from civic.ui.components import Bar, Step, Tab
from civic.ui.dates import when_text


class SampleForm(forms.Form):
    """One field of every kind we draw."""

    clause = forms.ChoiceField(
        label="说的是哪一条？",
        choices=[("3", "第三条：钱怎么分摊"), ("5", "第五条：一楼补偿"), ("", "说不准，您帮我归类")],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label="您的意见",
        help_text="像平时说话一样写就行。不要写别人的电话和门牌。",
        min_length=5,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    phone = forms.RegexField(
        r"^\d{11}$",
        label="手机号",
        required=False,
        help_text="只用来告诉您答复，不公开，答复后 30 天删除。",
        error_messages={"invalid": "手机号少了 1 位，应是 11 位"},
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )
    place = forms.ChoiceField(label="住在哪里", choices=[("a", "澜溪街道"), ("b", "东陵街道")])
    channels = forms.MultipleChoiceField(
        label="怎么告诉您",
        choices=[("site", "站内消息"), ("sms", "短信"), ("email", "邮件")],
        widget=forms.CheckboxSelectMultiple,
    )
    day = forms.DateField(label="哪天前", widget=forms.DateInput(attrs={"type": "date"}), required=False)
    closes = forms.SplitDateTimeField(label="截止", required=False)
    paper = forms.FileField(label="纸质意见表", required=False)
    password = forms.CharField(label="密码", widget=forms.PasswordInput, required=False)
    agree = forms.BooleanField(label="我看过怎样处理个人信息")


class Sample:
    """A bilingual thing without a translation."""

    title = "老旧小区加装电梯实施办法"
    title_en = ""


def everything(request: HttpRequest) -> dict[str, Any]:
    """Return what the gallery shows."""
    at = getattr(request, "at", None) or clock.now()
    return {
        "at": at,
        "in_nine_days": at + timedelta(days=9, hours=3),
        "tomorrow": at + timedelta(hours=20),
        "yesterday": at - timedelta(days=1),
        "next_year": at + timedelta(days=400),
        "sample": Sample(),
        "words": "我不反对装。\n\n可电梯井一立，我家客厅就没太阳了，<b>补偿</b>写“协商”，\n协商不成怎么办？",
        "steps": [
            Step("done", "公布征求意见稿", when_text(at - timedelta(days=20), at), "县住建局，征集 30 天"),
            Step("now", "收集意见", "现在", "已有 148 条", "/consultations/", "您 11月12日 说过 1 条"),
            Step("later", "听证会", "12月6日（周日）14:30", "柳荫社区二楼，可旁听"),
            Step("later", "逐类答复", "12月20日前", "每条意见都会有说法"),
            Step("later", "定稿", "1月"),
        ],
        "bars": [
            Bar("居民月卡", 852, 0.51, "+204", mark="胜出"),
            Bar("夜间免费", 818, 0.49, "+116", tone="c4"),
            Bar("全天计时", 203, 0.111, "", tone="cx", mark="出局"),
        ],
        "turnout": [Bar("澜溪街道", 742, 0.231, tone="c3"), Bar("东陵街道", 481, 0.186, tone="c3")],
        "tabs": [
            Tab("最近", "?sort=new", True),
            Tab("赞同多", "?sort=support"),
            Tab("已答复", "?state=answered", count=3),
        ],
        "page_obj": Paginator(range(150), 10).get_page(request.GET.get("page", 2)),
        "statuses": ["open", "review", "answered", "doing", "done", "late", "ended"],
        "form": SampleForm(prefix="blank"),
        "bad_form": SampleForm(
            {"bad-clause": "3", "bad-words": "太贵", "bad-phone": "1390000000", "bad-place": "a"}, prefix="bad"
        ),
        "reason": STALE,
    }
