"""The readout of a tile: outputs, their loss, and the backward pass.

What is asked for (`sparsebench.parts.examples`) decides at which steps the last layer is read: at
one for each lane, whose units are gathered in `scratch.read`, or at all, one after another.
`scratch.logits` holds `classes` rows for each step that is read, and later the derivatives of the
loss.
"""

from __future__ import annotations

from sparsebench.engines.fused.activations import exp, log
from sparsebench.engines.fused.gradients import write_bias_gradient
from sparsebench.engines.fused.simd import (
    GROUP,
    at,
    fma,
    jit,
    load,
    outlined,
    splat,
    store,
    store_four_sums,
    sum_lanes,
)
from sparsebench.parts.examples import CLASS, CLASSES, NO_ANSWER, VALUES


@jit
def forward_readout(spec, network, parameters, data, rows, steps, scratch):
    """Compute the network's outputs after its last layer has run."""
    lanes, classes, size = network.lanes, network.classes, network.last_size
    for read in range(steps if data.form[0].asked == CLASSES else 1):
        if data.form[0].asked == CLASSES:
            first = read * network.units + network.last
            for k in range(size):
                store(spec, scratch.read, k, load(spec, scratch.units, first + k))
        else:
            for lane in range(lanes):
                t = read_step(network, data, rows, lane, steps)
                source = (t * network.units + network.last) * lanes + lane
                for k in range(size):
                    scratch.read[k * lanes + lane] = scratch.units[source + k * lanes]
        for k in range(classes):
            total = splat(spec, parameters[network.readout_bias + k])
            weight = network.readout_weight + k * size
            for j in range(size):
                total = fma(at(parameters, weight + j), load(spec, scratch.read, j), total)
            store(spec, scratch.logits, read * classes + k, total)


@jit
def count_answers(network, data, batch):
    """The number of answers by which the summed loss of a batch is divided."""
    if data.form[0].asked == CLASS:
        return len(batch)
    if data.form[0].asked == VALUES:
        return len(batch) * network.classes
    count = 0
    for row in batch:
        for t in range(data.lengths[row]):
            count += data.labels[row * data.form[0].longest + t] >= 0
    return count


@jit
def loss_gradient(network, data, rows, steps, answers, scratch):
    """Replace the outputs by the derivative of the batch's mean loss, zero in idle lanes.

    Returns the summed loss of the tile's answers, weighted cross entropy in nats or squared error, and
    the number of answers whose class has the highest logit. A NaN makes the loss NaN; of equal logits
    the first counts as the highest. `answers` is the number of answers of the whole batch.
    """
    lanes, classes, form = network.lanes, network.classes, data.form[0]
    first, second, correct = 0.0, 0.0, 0
    if form.asked == VALUES:
        for lane in range(lanes):
            for k in range(classes):
                index = k * lanes + lane
                error = 0.0
                if lane < len(rows):
                    error = float(scratch.logits[index]) - data.targets[rows[lane] * classes + k]
                if lane < GROUP:
                    first += error * error
                else:
                    second += error * error
                scratch.logits[index] = 2.0 * error / answers
        return first + second, correct
    labels = form.longest if form.asked == CLASSES else 1
    for read in range(steps if form.asked == CLASSES else 1):
        for lane in range(lanes):
            label = NO_ANSWER
            if lane < len(rows) and (form.asked == CLASS or read < data.lengths[rows[lane]]):
                label = data.labels[rows[lane] * labels + read]
            begin = read * classes * lanes + lane
            if label == NO_ANSWER:
                for k in range(classes):
                    scratch.logits[begin + k * lanes] = 0
                continue
            highest, best = scratch.logits[begin], 0
            for k in range(1, classes):
                if scratch.logits[begin + k * lanes] > highest:
                    highest, best = scratch.logits[begin + k * lanes], k
            total = 0.0
            for k in range(classes):
                total += exp(float(scratch.logits[begin + k * lanes]) - float(highest))
            own = float(scratch.logits[begin + label * lanes])
            weight = data.class_weights[label]
            loss = weight * (log(total) + float(highest) - own)
            if lane < GROUP:
                first += loss
            else:
                second += loss
            correct += best == label
            for k in range(classes):
                index = begin + k * lanes
                share = exp(float(scratch.logits[index]) - float(highest)) / total
                error = share - (1.0 if k == label else 0.0)
                scratch.logits[index] = weight * error / answers
    return first + second, correct


@jit
def backward_readout(spec, network, parameters, data, rows, steps, scratch, gradient):
    """The gradients of the readout, and of the units that it reads; others are unchanged."""
    lanes, classes, size = network.lanes, network.classes, network.last_size
    every_step = data.form[0].asked == CLASSES
    if every_step:
        _write_every_step(spec, network, steps, scratch, gradient)
    else:
        for k in range(classes):
            delta = load(spec, scratch.logits, k)
            gradient[network.readout_bias + k] = sum_lanes(delta)
            weight = network.readout_weight + k * size
            for j in range(size):
                gradient[weight + j] = sum_lanes(delta * load(spec, scratch.read, j))
    for read in range(steps if every_step else 1):
        for j in range(size):
            total = splat(spec, 0.0)
            for k in range(classes):
                weight = at(parameters, network.readout_weight + k * size + j)
                total = fma(weight, load(spec, scratch.logits, read * classes + k), total)
            store(spec, scratch.read, j, total)
        if every_step:
            target = read * network.units + network.last
            for j in range(size):
                store(spec, scratch.unit_gradients, target + j, load(spec, scratch.read, j))
            continue
        for lane in range(lanes):
            t = read_step(network, data, rows, lane, steps)
            target = (t * network.units + network.last) * lanes + lane
            for k in range(size):
                scratch.unit_gradients[target + k * lanes] = scratch.read[k * lanes + lane]


@outlined
def _write_every_step(spec, network, steps, scratch, gradient):
    """The gradients of a readout that is used at every step: sums over time and sequences."""
    classes, size, units = network.classes, network.last_size, network.units
    for k in range(classes):
        weight = network.readout_weight + k * size
        j = 0
        while j + 4 <= size:
            zero = splat(spec, 0.0)
            sum0, sum1, sum2, sum3 = zero, zero, zero, zero
            for t in range(steps):
                delta = load(spec, scratch.logits, t * classes + k)
                source = t * units + network.last + j
                sum0 = fma(delta, load(spec, scratch.units, source), sum0)
                sum1 = fma(delta, load(spec, scratch.units, source + 1), sum1)
                sum2 = fma(delta, load(spec, scratch.units, source + 2), sum2)
                sum3 = fma(delta, load(spec, scratch.units, source + 3), sum3)
            store_four_sums(gradient, weight + j, sum0, sum1, sum2, sum3)
            j += 4
        while j < size:
            total = splat(spec, 0.0)
            for t in range(steps):
                delta = load(spec, scratch.logits, t * classes + k)
                value = load(spec, scratch.units, t * units + network.last + j)
                total = fma(delta, value, total)
            gradient[weight + j] = sum_lanes(total)
            j += 1
    write_bias_gradient(
        spec, steps, classes, scratch.logits, 0, classes, gradient, network.readout_bias
    )


@jit
def read_step(network, data, rows, lane, steps):
    """The step at which a sequence is read out, if it is not read at every step."""
    if network.reads_last_step:
        return data.lengths[rows[min(lane, len(rows) - 1)]] - 1
    return steps - 1
