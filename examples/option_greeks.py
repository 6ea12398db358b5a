"""Option prices and their sensitivities. Prints a table, and draws the curves if matplotlib is installed.

    python examples/option_greeks.py [PLOT.svg]           (default: out/option_greeks.svg)

A call option is the right to buy a stock at a fixed price, the strike, at a fixed time. The formula of Black and Scholes (1973)
states its value today. Traders ask how the price changes if something else changes, and call these derivatives the
Greeks: delta (with respect to the price of the stock), gamma (delta again with respect to the price of the stock), vega (the
volatility), theta (the passing time) and rho (the interest rate).

No derivative is written by hand. The price is written once, for one option. ``grad`` and ``hessian`` differentiate it, and
``compile`` computes the results for a whole array of options.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import autograd
from autograd import exp, hessian, log, ndtr, sqrt, value_and_grad

STRIKE, TIME, RATE, VOLATILITY = 100.0, 0.5, 0.03, 0.25
Curves = dict[str, npt.NDArray[np.float64]]


def call_price(option: Any) -> Any:
    """Return the price of a call option on (stock price, strike, time in years, interest rate, volatility)."""
    stock, strike, time, rate, volatility = option
    deviation = volatility * sqrt(time)
    d1 = (log(stock / strike) + (rate + volatility**2 / 2) * time) / deviation
    return stock * ndtr(d1) - strike * exp(-rate * time) * ndtr(d1 - deviation)  # ndtr: cumulative normal distribution


def price_and_greeks(option: Any) -> dict[str, Any]:
    """Return the price of an option, and its Greeks by name."""
    price, (delta, _, by_time, rho, vega) = value_and_grad(call_price)(option)
    gamma = hessian(call_price)(option)[0][0]
    return {"price": price, "delta": delta, "gamma": gamma, "vega": vega, "theta": -by_time, "rho": rho}


def curves(stocks: npt.NDArray[np.float64]) -> Curves:
    """Return the price and the Greeks for an array of stock prices."""
    options = [[stock, STRIKE, TIME, RATE, VOLATILITY] for stock in stocks]
    found: Curves = autograd.compile(price_and_greeks)(np.array(options))
    return found


def plot(stocks: npt.NDArray[np.float64], found: Curves) -> Any:
    """Return a matplotlib Figure with one curve for the price and for each Greek."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 4.5), layout="constrained")
    for axes, (name, curve) in zip(figure.subplots(2, 3, sharex=True).flat, found.items(), strict=True):
        axes.plot(stocks, curve)
        axes.axvline(STRIKE, color="gray", linewidth=0.8, linestyle=":")
        axes.set_title(name)
        if name == "price":
            axes.plot(stocks, np.maximum(stocks - STRIKE, 0.0), "--", color="gray", label="if it ended today")
            axes.legend(fontsize=8)
    figure.supxlabel(f"price of the stock (dotted: the strike, {STRIKE:g})")
    return figure


def main() -> None:
    """Print a table of five options, and draw 200."""
    table = np.array([80.0, 90.0, 100.0, 110.0, 120.0])
    found = curves(table)
    print("stock" + "".join(f"{name:>9}" for name in found))
    for i, stock in enumerate(table):
        print(f"{stock:5.0f}" + "".join(f"{curve[i]:9.3f}" for curve in found.values()))
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "out/option_greeks.svg")
    stocks = np.linspace(60.0, 140.0, 200)
    try:
        figure = plot(stocks, curves(stocks))
    except ImportError:
        print("The plot needs matplotlib: pip install scalar-autograd[plots]")
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    print(f"Plot written to {path}")


if __name__ == "__main__":
    main()
