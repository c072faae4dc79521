"""What the process-level tests share: a real server, its answers, and OTLP by hand."""
