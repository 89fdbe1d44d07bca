"""What `factory doctor` looks at: the machine, the project, credentials, services, rights."""
