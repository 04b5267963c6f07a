/** Failures that a user can act on: each names its subject, what was found, what was expected and the remedy. */
package org.attunet.error;
