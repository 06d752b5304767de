"""What stands between Fed-BioMed and the network: certificates, kits, and nginx at both ends. Knows no Fed-BioMed."""
