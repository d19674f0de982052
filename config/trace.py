
import os as _os, time as _t
_fd=_os.open("/tmp/trace.txt",_os.O_APPEND|_os.O_CREAT|_os.O_WRONLY)
def trace(*a): _os.write(_fd, (" ".join(map(str,(repr(_t.time()),*a)))+"\n").encode())
