"""The textbook equations of every cell type, step by step in float64."""

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def step(variant, inputs, hidden, state):
    """One time step of one layer; `inputs` and `hidden` are the two affine maps, gates by column."""
    if variant == "rnn_tanh":
        return np.tanh(inputs + hidden), state
    if variant == "rnn_relu":
        return np.maximum(inputs + hidden, 0), state
    if variant == "lstm":
        i, f, g, o = np.split(inputs + hidden, 4, axis=1)
        cell = sigmoid(f) * state[1] + sigmoid(i) * np.tanh(g)
        return sigmoid(o) * np.tanh(cell), (None, cell)
    if variant == "mgu":
        input_f, input_n = np.split(inputs, 2, axis=1)
        hidden_f, hidden_n = np.split(hidden, 2, axis=1)
        f = sigmoid(input_f + hidden_f)
        n = np.tanh(input_n + f * hidden_n)
        return (1 - f) * state[0] + f * n, state
    input_r, input_z, input_n = np.split(inputs, 3, axis=1)
    hidden_r, hidden_z, hidden_n = np.split(hidden, 3, axis=1)
    r, z = sigmoid(input_r + hidden_r), sigmoid(input_z + hidden_z)
    n = np.tanh(input_n + r * hidden_n)
    return (1 - z) * n + z * state[0], state


def logits_by_hand(architecture, weights, codes, steps):
    """(B, classes) logits read at the given step (from 1) of each string, in float64."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}
    sequence = [w["embedding"][codes[:, t]] for t in range(codes.shape[1])]
    for layer in range(architecture.layers):
        h = np.zeros((len(codes), architecture.hidden_size))
        state, outputs = (h, h), []
        for x in sequence:
            inputs = x @ w[f"layers.{layer}.i2h"].T + w[f"layers.{layer}.i2h_bias"]
            hidden = h @ w[f"layers.{layer}.h2h"].T + w[f"layers.{layer}.h2h_bias"]
            h, state = step(architecture.variant, inputs, hidden, (h, state[1]))
            outputs.append(h)
        sequence = outputs
    read = np.stack([sequence[count - 1][row] for row, count in enumerate(steps)])
    return read @ w["readout.weight"].T + w["readout.bias"]
