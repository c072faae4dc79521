"""What ingest.py and query.py share: processes and their CPU, peers, the machine, reports."""
