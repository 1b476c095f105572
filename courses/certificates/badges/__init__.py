"""Open Badges 3.0: each certificate as a signed credential that anybody can check.

https://www.imsglobal.org/spec/ob/v3p0/ (AchievementCredential, VC-JWT) and W3C's Bitstring Status
List v1.0. docs/decisions/0015-grades-and-credentials.md says how keys are kept.
"""
