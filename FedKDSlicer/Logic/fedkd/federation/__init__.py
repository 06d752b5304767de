"""Federated training without the federation: what sites and coordinator do, testable without any network."""
