"""Working days (DAT-08, P2-COM-02, AMB-02): Monday to Friday, without public holidays and without the rows of ClosingDay."""

from ibnportal.core.workdays.days import add_working_days, closed_days, deadline_after, is_working_day

__all__ = ["add_working_days", "closed_days", "deadline_after", "is_working_day"]
