"""An FTP server on pyftpdlib: HOST PORT USER PASSWORD FOLDER [CERTIFICATE].

With a certificate, TLS is required on control and data connections.
"""

import sys

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.servers import FTPServer

host, port, user, password, folder = sys.argv[1:6]
if len(sys.argv) > 6:
    from pyftpdlib.handlers import TLS_FTPHandler as Base
else:
    from pyftpdlib.handlers import FTPHandler as Base


class Handler(Base):
    authorizer = DummyAuthorizer()
    banner = "pyftpdlib"


Handler.authorizer.add_user(user, password, folder, perm="elradfmwMT")
if len(sys.argv) > 6:
    Handler.certfile = sys.argv[6]
    Handler.tls_control_required = True
    Handler.tls_data_required = True

server = FTPServer((host, int(port)), Handler)
server.max_cons = 512
server.serve_forever()
