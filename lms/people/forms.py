from django import forms
from django.utils.translation import gettext_lazy as _

from .models import User


class SignupForm(forms.Form):
    """What sign-up asks besides address and password: the name that a certificate will carry."""

    first_name = forms.CharField(
        label=_("First name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=_("Last name"),
        max_length=150,
        help_text=_("Your certificate will carry this name."),
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )

    field_order = ["first_name", "last_name", "email", "password1"]

    def signup(self, request, user):
        user.first_name = self.cleaned_data["first_name"]
        user.last_name = self.cleaned_data["last_name"]
        user.preferred_language = request.LANGUAGE_CODE
        user.save(update_fields=["first_name", "last_name", "preferred_language"])


class ProfileForm(forms.ModelForm):
    class Meta:
        model = User
        fields = [
            "first_name",
            "last_name",
            "first_name_en",
            "last_name_en",
            "preferred_language",
            "text_size",
            "theme",
        ]
        widgets = {
            "first_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "last_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "first_name_en": forms.TextInput(attrs={"autocomplete": "off", "lang": "en"}),
            "last_name_en": forms.TextInput(attrs={"autocomplete": "off", "lang": "en"}),
        }
        help_texts = {
            "first_name_en": _("As in your passport, for papers in English."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["first_name"].required = True
        self.fields["last_name"].required = True

    def save(self, commit=True):
        """Write what the form has and no more: anything else of the account may have changed meanwhile."""
        if commit:
            self.instance.save(update_fields=self.Meta.fields)
        return self.instance
