"""What Youli teaches and says: files for editors (TOML), and one loader that checks them.

Start at ``content.library.load``. How to edit the files is told in content/README.md.
"""
