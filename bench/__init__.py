"""The measurements: `sessionbeat bench NAME`, one module or package of this one a bench.

Each has `register(parser)`, which adds its options, and `run(args)`, which measures, prints and answers the exit
status. `timing.py` is how all of them measure time, `report.py` how they tell it. What others run beside us comes with
the development dependencies.
"""
