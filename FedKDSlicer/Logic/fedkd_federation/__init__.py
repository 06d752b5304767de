"""Federated training over Fed-BioMed: the coordinator's and the sites' processes, in an environment of their own."""
