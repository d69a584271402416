namespace Mlops.Monitoring;

/// <summary>How a limit follows from the statistics of reference chunks.</summary>
public enum ReferenceChunkRule
{
    /// <summary>The upper end of the interval that a further chunk of the same kind stays below with the stated probability, right for few chunks (<see cref="ReferenceChunks.GetUpperLimit"/>).</summary>
    PredictionInterval,

    /// <summary>The mean plus three population standard deviations, as NannyML has it: with ten chunks it alarms about ten times as often as it suggests.</summary>
    ThreeDeviations,
}
