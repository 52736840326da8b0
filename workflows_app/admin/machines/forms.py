"""What a person fills in to let a machine in, or to tell one of events."""

from typing import Any

from django import forms
from django.conf import settings

from workflows_app.credentials import tokens, webhook_ends
from workflows_app.delivery.answers import PermanentCallError
from workflows_app.delivery.outside import anyone, check
from workflows_app.delivery.webhook_queue import OFFERED
from workflows_app.models.api import SCOPES

_LONGEST_DAYS = 3650
_AT_LEAST_ONE = {"required": "Choose at least one."}
_OURS_ONLY = (
    "A public host is reached by its name, by https and on the usual port only; one in your own network must first be "
    "opened by HTTP_NETWORKS."
)


def _name() -> forms.CharField:
    return forms.CharField(
        max_length=60,
        help_text="Small letters, digits, - and _; such as web-shop.",
        validators=[_name_holds],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _name_holds(name: str) -> None:
    if problem := tokens.name_problem(name):
        raise forms.ValidationError(f"{problem[0].upper()}{problem[1:]}.")


class TokenForm(forms.Form):
    """A new token."""

    name = _name()
    scopes = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {words}") for name, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages=_AT_LEAST_ONE,
    )
    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=_LONGEST_DAYS,
        label="Expires after",
        help_text="Days; empty for a token that lasts until it is revoked.",
    )


class SourceEditForm(forms.Form):
    """What a source may send."""

    event_types = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One in each line, such as vendor.item_discontinued.",
        max_length=4000,
    )

    def clean_event_types(self) -> list[str]:
        """The types, each once."""
        types = list(dict.fromkeys(self.cleaned_data["event_types"].split()))
        try:
            webhook_ends.check_types(types)
        except webhook_ends.EndError as error:
            raise forms.ValidationError(f"{error}.") from error
        return types


class SourceForm(SourceEditForm):
    """A new source."""

    name = _name()
    secret = forms.CharField(
        required=False,
        max_length=120,
        help_text="Only when the service gives you its own (whsec_…); otherwise one is made.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("name", "event_types", "secret")

    def clean_secret(self) -> str:
        """A secret that can sign."""
        given = str(self.cleaned_data["secret"])
        try:
            return webhook_ends.check_secret(given) if given else ""
        except webhook_ends.EndError as error:
            raise forms.ValidationError(f"{str(error).capitalize()}.") from error


class SubscriptionEditForm(forms.Form):
    """Where it is told, and of what."""

    url = forms.CharField(
        label="Address", max_length=500, help_text="https, on a public host; such as https://shop.example.com/hooks."
    )
    event_types = forms.MultipleChoiceField(
        choices=[(name, f"{name}: {words}") for name, words in OFFERED.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages=_AT_LEAST_ONE,
    )

    def clean_url(self) -> str:
        """An address that we may call at all; its host is looked up only when it is called."""
        url = str(self.cleaned_data["url"])
        try:
            target = check(url, anyone)
        except PermanentCallError as error:
            raise forms.ValidationError(f"{str(error)[0].upper()}{str(error)[1:]}.") from error
        if not settings.HTTP_NETWORKS and (target.literal or not target.usual):
            raise forms.ValidationError(_OURS_ONLY)
        return url


class SubscriptionForm(SubscriptionEditForm):
    """A new subscription."""

    name = _name()
    field_order: Any = ("name", "url", "event_types")
