using Mlops.Models;

namespace Quickstart;

/// <summary>What the model predicts for a day.</summary>
/// <param name="Riders">The ridership, in thousands of entries.</param>
[TensorRow]
internal readonly partial record struct RidershipPrediction([TensorColumn("prediction")] float Riders);
