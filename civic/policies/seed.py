"""What ``ensure_site`` writes on the first pages, in both languages; editors may change all of it."""

HOME = {
    "title": "县里的事，一起商量",
    "title_en": "What concerns the county, we settle together",
    "lead": "您说的每一句，都有回音、有着落。",
    "lead_en": "Every word gets an answer and an outcome.",
}
LIBRARY = {
    "title": "政策库",
    "title_en": "Policies",
    "lead": "现在管用的、正在商量的、已经废止的，都在这里，一条一条能查。",
    "lead_en": "What is in force, what is being discussed and what is repealed, clause by clause.",
}
WORKFLOW = "第二人审核 · Approval by a second person"
