"""Loaded by python.py in a runtime that is started before it is known for which function: see src/runtimes/template.ts."""
import http.client
import json
import os
import socket
import sys

# What most handlers load: it is here then.
import base64  # noqa: F401
import concurrent.futures  # noqa: F401
import dataclasses  # noqa: F401
import datetime  # noqa: F401
import decimal  # noqa: F401
import hashlib  # noqa: F401
import hmac  # noqa: F401
import logging  # noqa: F401
import random  # noqa: F401
import re  # noqa: F401
import shutil  # noqa: F401
import ssl  # noqa: F401
import subprocess  # noqa: F401
import tempfile  # noqa: F401
import threading  # noqa: F401
import traceback  # noqa: F401
import typing  # noqa: F401
import urllib.request  # noqa: F401
import uuid  # noqa: F401

# Of the process, not of the function: by it the executor finds what the function starts.
MARKER = "SPOOL_SANDBOX"


def become():
    """Waits to be told what it is. What it was until then, its environment, is gone when this returns."""
    environment = json.loads(ask())
    for name in set(os.environ) - set(environment) - {MARKER}:
        del os.environ[name]
    os.environ.update(environment)
    tempfile.tempdir = None
    sys.modules.pop(__name__, None)


def ask():
    """The answer comes when somebody needs an instance, or never."""
    path = os.environ.get("SPOOL_RUNTIME_SOCKET")
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    if path:
        connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.sock.connect(path)
    headers = {"spool-instance-token": os.environ["SPOOL_INSTANCE_TOKEN"], "connection": "close"}
    try:
        connection.request("GET", "/spool/2024-01/load", headers=headers)
        response = connection.getresponse()
        body = response.read()
    except (http.client.HTTPException, OSError):
        os._exit(0)  # The executor has gone.
    if response.status != 200:
        os._exit(0)
    return body
