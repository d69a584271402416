namespace Mlops.Onnx;

/// <summary>An execution provider of ONNX Runtime (CUDA, DirectML, CoreML, …) and its options.</summary>
public sealed class OnnxExecutionProvider
{
    private const string Suffix = "ExecutionProvider";

    /// <summary>Gets or sets the name, with or without <c>ExecutionProvider</c> at its end: <c>CUDA</c>, <c>CUDAExecutionProvider</c>.</summary>
    /// <value>The default value is <c>CPU</c>, which is always there and has no options.</value>
    public string Name { get; set; } = "CPU";

    /// <summary>Gets the provider's own options: <c>device_id</c> = <c>0</c>.</summary>
    /// <value>The default value is empty.</value>
    public IDictionary<string, string> Options { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets the name with <c>ExecutionProvider</c> at its end, as ONNX Runtime lists it.</summary>
    internal string FullName => ShortName + Suffix;

    /// <summary>Gets the name without <c>ExecutionProvider</c> at its end.</summary>
    internal string ShortName => Name.EndsWith(Suffix, StringComparison.OrdinalIgnoreCase) ? Name[..^Suffix.Length] : Name;

    internal bool IsCpu => ShortName.Equals("CPU", StringComparison.OrdinalIgnoreCase);
}
