using Mlops.Evaluation;

namespace Quickstart;

/// <summary>What came of a training.</summary>
internal sealed record TrainingOutcome(string RunId, int Version, bool IsPromoted, string Reason, EvaluationResult Judgement);
