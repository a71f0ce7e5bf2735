//! Workspaces, users, sessions, roles, API keys; implements Authorizer.
