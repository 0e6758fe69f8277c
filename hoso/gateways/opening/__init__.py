"""Opens what strangers send. Runs as a program of its own, with hard bounds, and knows neither Django nor settings:
a file that brings the reader down brings down nothing else. `hoso.gateways.opener` starts it.
"""
