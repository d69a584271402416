using Mlops.Models;

namespace Mlops.Serving.Tests;

[TensorRow]
internal readonly partial record struct X([TensorColumn("x")] float Value);

[TensorRow]
internal readonly partial record struct Y([TensorColumn("y")] float Value, [TensorColumn("factor")] float Factor);

/// <summary>Fits no factor model.</summary>
[TensorRow]
internal readonly partial record struct Z([TensorColumn("z")] long Value);
