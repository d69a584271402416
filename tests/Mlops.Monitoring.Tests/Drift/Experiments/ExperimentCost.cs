namespace Mlops.Monitoring.Tests;

/// <summary>What one repetition of an experiment takes, with some thousand rows.</summary>
internal enum ExperimentCost
{
    Microseconds,
    Milliseconds,
    Seconds,
}
