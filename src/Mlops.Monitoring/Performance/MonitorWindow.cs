using Mlops.Evaluation;
using Mlops.Profiles;

namespace Mlops.Monitoring;

/// <summary>What a monitor takes out of its ring for one evaluation.</summary>
internal sealed class MonitorWindow(DatasetProfile? reference, EvaluationResult? referencePerformance, string? version, LabelCounts labelCounts)
{
    public DatasetProfile? Reference => reference;

    public EvaluationResult? ReferencePerformance => referencePerformance;

    public string? Version => version;

    public LabelCounts LabelCounts => labelCounts;

    public List<long> Sequences { get; } = [];

    public List<double> Predictions { get; } = [];

    public List<double> LabelledPredictions { get; } = [];

    public List<double> Labels { get; } = [];

    public string? PositiveClass { get; init; }

    public string? JudgedProblem { get; init; }

    public int OtherVersionCount { get; set; }

    public long? EarliestTicks { get; set; }
}
