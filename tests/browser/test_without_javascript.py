"""Everything that somebody does at the console works without JavaScript."""

from playwright.sync_api import expect

from bridge.sandbox.dialects import DO_NOT_DIAL
from tests.browser.conftest import OpenWindow
from tests.browser.office import REFUSED, Office
from tests.support.console import PASSWORD


def test_by_forms_alone(office: Office, window: OpenWindow) -> None:
    visitor = window(office, java_script_enabled=False)
    visitor.sign_in("Ann Operator", PASSWORD)
    field, main = visitor.page.get_by_label, visitor.page.get_by_role("main")
    # Search.
    field("Case or phone").fill(str(REFUSED))
    field("Case or phone").press("Enter")
    expect(main).to_contain_text("What has happened")
    # Pause and resume.
    visitor.press("Pause all calls")
    field("Reason").fill("No scripts today")
    visitor.press("Pause all calls")
    visitor.sees("No scripts today")
    visitor.press("Resume")
    visitor.does_not_see("No scripts today")
    # Answer a question.
    visitor.menu("To do")
    question = visitor.page.locator(".console-questions > li").filter(has_text="Is this number")
    visitor.press("No, it is right", question)
    visitor.sees("Released")
    expect(question).to_have_count(0)
    # Opt out.
    visitor.menu("Opt-outs")
    visitor.press("Record an opt-out")
    field("Number of the case").fill(str(REFUSED))
    field("Reason").fill("By letter of November 20")
    visitor.press("Opt out")
    visitor.sees(f"Opted out: case {REFUSED}.")
    office.await_status(REFUSED, DO_NOT_DIAL)
    visitor.press("Sign out")
    expect(field("Password")).to_be_visible()
    visitor.go("/console/opt-outs")
    expect(field("Password")).to_be_visible()
