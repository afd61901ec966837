"""Servers for the tests of what speaks Spark Connect."""

from spark_servers import own_sail, sail, spark, spark_packages

__all__ = ["own_sail", "sail", "spark", "spark_packages"]
