"""``compile``: trace, graph, fusing, lowering to a ``Program``; the cache of recordings and the purity check."""
