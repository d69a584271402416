namespace Mlops.Training;

/// <summary>A node that is ready to run.</summary>
internal sealed record GraphStep(GraphKernel Kernel, GraphTensor[] Inputs, GraphTensor[] Outputs)
{
    /// <summary>Gets the name of its first input, for errors.</summary>
    public string InputName { get; init; } = "";
}
