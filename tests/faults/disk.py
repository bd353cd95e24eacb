# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The cpg authors
"""What a disk may hold after a power cut: only what was synced is sure to be there.

The contents of a file are those of its last fsync, or none. The entries of a folder are those of its last fsync; a later
one may or may not have reached the disk. `entries` forgets all of these, `contents` keeps all of them (a name without
what it names), `chance` takes each or leaves it."""
import os
import pathlib


class Node:
    def __init__(self, kind, content=b""):
        self.kind = kind
        self.content = content  # as of the last fsync
        self.now = {}
        self.synced = {}

    def add_synced(self, name, node):
        self.now[name] = self.synced[name] = node


class Disk:
    def __init__(self, root):
        """What lies below the root now is taken as synced."""
        self.root_path = pathlib.Path(root)
        self.live = {}
        self.root = self.read(self.root_path)

    def read(self, path):
        inode = path.lstat().st_ino
        if path.is_symlink():
            node = Node("link", os.readlink(path))
        elif path.is_dir():
            node = Node("folder")
            for each in path.iterdir():
                node.add_synced(each.name, self.read(each))
        else:
            node = Node("file", path.read_bytes())
        self.live[inode] = node
        return node

    def find(self, path):
        node = self.root
        for part in pathlib.Path(path).relative_to(self.root_path).parts:
            node = node.now[part]
        return node

    def replay(self, log):
        """Takes in the log that the shim wrote during a run."""
        for line in pathlib.Path(log).read_text().splitlines():
            what, path, *more = line.split("\t")
            if what == "new":
                self.live[int(more[0])] = Node("folder" if os.path.isdir(path) else "file")
            elif what == "entry":
                self.change_entry(pathlib.Path(path), int(more[0]), more[1])
            elif what == "synced":
                copy = pathlib.Path(str(log) + ".synced", more[1])
                self.live.setdefault(int(more[0]), Node("file")).content = copy.read_bytes()
            elif what == "synced-folder":
                folder = self.live[int(more[0])]
                folder.synced = dict(folder.now)

    def change_entry(self, path, inode, kind):
        entries = self.find(path.parent).now
        if inode == 0:
            entries.pop(path.name, None)
        else:
            # One that was made without a name is not known before it gets one.
            node = self.live.setdefault(inode, Node(kind))
            node.kind = kind
            entries[path.name] = node

    def write(self, to, mode, chance=None):
        """Makes the disk after the power cut, below a new folder."""
        write_node(self.root, pathlib.Path(to), mode, chance)


def surviving(folder, mode, chance):
    if mode == "entries":
        return folder.synced
    if mode == "contents":
        return folder.now
    names = sorted({*folder.now, *folder.synced})
    taken = {name: chance.choice((folder.now, folder.synced)).get(name) for name in names}
    return {name: node for name, node in taken.items() if node}


def write_node(node, path, mode, chance):
    if node.kind == "link":
        os.symlink(node.content, path)
    elif node.kind == "file":
        path.write_bytes(node.content)
    else:
        path.mkdir(exist_ok=True)
        for name, child in surviving(node, mode, chance).items():
            write_node(child, path / name, mode, chance)
