"""Reports, the moderators' queue, reasons, appeals, slow mode and public counts."""
