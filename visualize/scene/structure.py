"""Find repeated structure that no module explains, so that a picture of any size can be folded.

Each group, and the graph itself, gets at most ``MAX_ITEMS`` items, which are nodes or groups, by four rules in this order:
many leaves that the same nodes use; the terms of a long sum; a long chain; and parts of equal size, cut by depth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualize.scene.facts import Group

if TYPE_CHECKING:
    from visualize.scene.facts import Node, Scene

MIN_ALIKE = 7  # leaves or terms that are folded
MIN_CHAIN = 12
MAX_ITEMS = 24
MAX_SUMS = 50  # long sums whose terms are searched


def structural_groups(scene: Scene) -> None:
    """Add groups to a large scene. Small graphs are shown as they are.

    Example:
        >>> from autograd import Value, sum
        >>> from visualize.scene.scene import describe
        >>> [group.title for group in describe(sum([Value(1.0) for _ in range(64)])).groups][:2]
        ['64 terms', 'part 1 of 4']
    """
    if not scene.is_large():
        return
    finder = _Finder(scene)
    inside: dict[int | None, list[int]] = {}
    for i, node in enumerate(scene.nodes):
        inside.setdefault(node.group, []).append(i)
    for container in [None, *range(len(scene.groups))]:
        for fold in (finder.fold_leaves, finder.fold_terms, finder.fold_chains):
            fold(container, [i for i in inside.get(container, []) if scene.nodes[i].group == container])
    members: dict[int | None, list[int]] = {None: list(range(len(scene.nodes)))}
    for i, node in enumerate(scene.nodes):
        group = node.group
        while group is not None:
            members.setdefault(group, []).append(i)
            group = scene.groups[group].parent
    for container in [None, *range(len(scene.groups))]:
        finder.fold_parts(container, members.get(container, []))
    _put_parents_first(scene)


def _put_parents_first(scene: Scene) -> None:
    """Renumber the groups, because a part is added after the groups in it."""
    order: list[int] = []
    children: dict[int | None, list[int]] = {}
    for i, group in enumerate(scene.groups):
        children.setdefault(group.parent, []).append(i)
    waiting = children.get(None, [])[::-1]
    while waiting:
        order.append(waiting.pop())
        waiting += children.get(order[-1], [])[::-1]
    number = {old: new for new, old in enumerate(order)}
    scene.groups[:] = [scene.groups[old] for old in order]
    for item in (*scene.groups, *scene.nodes):
        name = "parent" if isinstance(item, Group) else "group"
        old = getattr(item, name)
        if old is not None:
            setattr(item, name, number[old])


def users_of(nodes: list[Node]) -> list[list[int]]:
    """Return the distinct users of each node.

    Example:
        >>> from autograd import Value
        >>> from visualize.scene.scene import describe
        >>> x = Value(2.0)
        >>> users_of(describe(x * x).nodes)
        [[1], []]
    """
    users: list[list[int]] = [[] for _ in nodes]
    for i, node in enumerate(nodes):
        for operand in dict.fromkeys(node.operands):
            users[operand].append(i)
    return users


class _Finder:
    """Add groups to a scene. Each method looks at the nodes ``direct`` that are directly in one container."""

    def __init__(self, scene: Scene) -> None:
        self.nodes, self.groups, self.roots = scene.nodes, scene.groups, set(scene.roots)
        self.users = users_of(scene.nodes)
        self.is_leaf = [node.op in ("", "const") for node in scene.nodes]  # leaves and plain numbers
        self.paths = {group.path for group in scene.groups}
        self.sums = 0

    def add(self, title: str, kind: str, parent: int | None, members: list[int]) -> int:
        """Add a group with a unique path."""
        start = path = title if parent is None else f"{self.groups[parent].path}/{title}"
        count = 1
        while path in self.paths:
            count += 1
            path = f"{start} ({count})"
        self.paths.add(path)
        self.groups.append(Group(title, kind, parent, path))
        for i in members:
            self.nodes[i].group = len(self.groups) - 1
        return len(self.groups) - 1

    def fold_leaves(self, container: int | None, direct: list[int]) -> None:
        """Group leaves of one kind that the same nodes use."""
        alike: dict[tuple[str, tuple[int, ...]], list[int]] = {}
        for i in direct:
            if self.is_leaf[i] and self.users[i] and len(self.nodes[self.users[i][0]].operands) >= MIN_ALIKE:
                alike.setdefault((self.nodes[i].kind, tuple(self.users[i])), []).append(i)
        for (kind, by), members in alike.items():
            if len(members) >= MIN_ALIKE:
                is_sum = len(by) == 1 and self.nodes[by[0]].op == "sum"
                self.add(f"{len(members):,} {'term' if is_sum else kind}s", "terms", container, members)

    def fold_terms(self, container: int | None, direct: list[int]) -> None:
        """Group the terms of long sums, each with everything that only this term uses."""
        nodes, users = self.nodes, self.users
        for i in reversed(direct):
            if len(nodes[i].operands) < MIN_ALIKE or nodes[i].group != container:
                continue
            operands = dict.fromkeys(nodes[i].operands)
            terms = [k for k in operands if users[k] == [i] and nodes[k].group == container and not self.is_leaf[k]]
            if len(terms) < MIN_ALIKE or self.sums >= MAX_SUMS:
                continue
            self.sums += 1
            owner = {k: k for k in terms}
            inside: dict[int, list[int]] = {k: [k] for k in terms}
            for k in reversed(direct):
                owners = {owner.get(user) for user in users[k]}
                if k < i and k not in owner and len(owners) == 1 and nodes[k].group == container:
                    term = owners.pop()
                    if term is not None:
                        owner[k] = term
                        inside[term].append(k)
            whole = self.add(f"{len(terms):,} terms", "terms", container, [])
            for number, members in enumerate(inside.values()):
                if len(members) == 1:
                    nodes[members[0]].group = whole
                else:
                    self.add(f"term {number}", "terms", whole, members)

    def fold_chains(self, container: int | None, direct: list[int]) -> None:
        """Group long chains: each node is the only user of the node before it."""
        nodes, users, is_leaf = self.nodes, self.users, self.is_leaf
        chains: dict[int, list[int]] = {}  # by the last node
        for i in direct:
            if is_leaf[i]:
                continue
            before = {k for k in nodes[i].operands if not is_leaf[k]}
            last = before.pop() if len(before) == 1 else -1
            chain = chains.pop(last, []) if last >= 0 and len(users[last]) == 1 else []
            chain.append(i)
            chains[i] = chain
        for chain in chains.values():
            members = [i for i in chain if i not in self.roots]
            if len(members) < MIN_CHAIN:
                continue
            inside = set(members)
            below = dict.fromkeys(k for i in members for k in nodes[i].operands if is_leaf[k])
            leaves = [k for k in below if nodes[k].group == container and inside.issuperset(users[k])]
            self.add(f"chain of {len(members):,}", "chain", container, [*members, *leaves])

    def fold_parts(self, container: int | None, members: list[int]) -> None:
        """Cut the items of a container into parts, and parts into smaller ones, until no container has too many items."""
        waiting = [(container, self._items_by_depth(container, members))]
        while waiting:
            container, items = waiting.pop()
            if len(items) <= MAX_ITEMS:
                continue
            parts = min(8, -(-len(items) // MAX_ITEMS) + 1)
            for part in range(parts):
                inside = items[len(items) * part // parts : len(items) * (part + 1) // parts]
                is_last = len(inside) <= MAX_ITEMS
                nodes = [i for i in inside if i >= 0] if is_last else []  # the others are added to smaller parts
                number = self.add(f"part {part + 1} of {parts}", "part", container, nodes)
                for item in inside if is_last else ():
                    if item < 0:
                        self.groups[~item].parent = number
                waiting.append((number, inside))

    def _items_by_depth(self, container: int | None, members: list[int]) -> list[int]:
        """Return the items of a container, the deepest first, without roots: a node, or a group as ``~number``."""
        nodes = self.nodes
        item_of: dict[int, int] = {}
        for i in members:
            item, group = i, nodes[i].group
            while group is not None and group != container:
                item, group = ~group, self.groups[group].parent
            item_of[i] = item
        depth = dict.fromkeys(item_of.values(), 0)
        if len(depth) <= MAX_ITEMS:
            return []  # no parts
        edges = [(own, item_of[k]) for i, own in item_of.items() for k in nodes[i].operands if item_of.get(k, own) != own]
        for own, below in edges:
            depth[own] = max(depth[own], depth[below] + 1)
        next_user: dict[int, int] = {}  # least depth of the users of an item
        for own, below in edges:
            next_user[below] = min(next_user.get(below, len(depth)), depth[own])

        def level(item: int) -> float:  # a leaf belongs to its first user
            return next_user.get(item, 0) - 0.5 if item >= 0 and not nodes[item].operands else depth[item]

        return [item for item in sorted(depth, key=level) if item not in self.roots]
