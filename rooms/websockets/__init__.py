"""The broker's WebSockets below the consumer: what uvicorn calls when a socket comes, and what reads and writes its frames."""
