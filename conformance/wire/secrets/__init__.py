"""Finds secrets in what a server sends, however they are spelled there, and withholds what holds them."""
