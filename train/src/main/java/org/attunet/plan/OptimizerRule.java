package org.attunet.plan;

/** The rule by which an optimizer changes parameters along their gradients. */
public enum OptimizerRule {
    /** Adam with decoupled weight decay (Loshchilov and Hutter, arXiv 1711.05101); beta 0.9 and 0.999. */
    ADAMW,
    /** Gradient descent with Nesterov momentum 0.99, as nnU-Net uses it. */
    SGD
}
