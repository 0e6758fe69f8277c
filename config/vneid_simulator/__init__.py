"""A provider of electronic identities for demonstrations: OpenID Connect from the other side. Development machines alone.

Our adapter cannot tell it from a real one; its people are the demonstration's citizens and organisation, and every page
of it says that it is no VNeID. How a real provider behaves when something is wrong is tested with a real one
(`tests/oidc_provider.py`).
"""
