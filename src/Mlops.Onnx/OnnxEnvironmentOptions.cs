using System.Globalization;

namespace Mlops.Onnx;

/// <summary>What all ONNX sessions of a process have in common: threads, and memory for intermediate tensors.</summary>
/// <remarks>ONNX Runtime has one environment in a process. The first model that is loaded sets it up; a later one that asks for another is refused.</remarks>
public sealed class OnnxEnvironmentOptions
{
    /// <summary>Gets or sets whether the sessions share their threads, so that many sessions do not make many threads.</summary>
    /// <value>The default value is <see langword="false"/>: each session has as many as <see cref="OnnxOptions.IntraOpThreads"/> and <see cref="OnnxOptions.InterOpThreads"/> say. When <see langword="true"/>, these are not looked at.</value>
    public bool ShareThreads { get; set; }

    /// <summary>Gets or sets the number of threads that work on one node, of all sessions together, ≥ 0, that of the caller included; 0 is one for each physical core.</summary>
    /// <value>The default value is 0. It has a meaning with <see cref="ShareThreads"/> only.</value>
    public int IntraOpThreads { get; set; }

    /// <summary>Gets or sets the number of threads that work on different nodes of sessions with <see cref="OnnxExecutionMode.Parallel"/>, of all together, ≥ 0; 0 is one for each physical core.</summary>
    /// <value>The default value is 1. It has a meaning with <see cref="ShareThreads"/> only.</value>
    public int InterOpThreads { get; set; } = 1;

    /// <summary>Gets or sets whether shared threads without work burn processor time for a moment before they sleep.</summary>
    /// <value>The default value is <see langword="false"/>. It has a meaning with <see cref="ShareThreads"/> only.</value>
    public bool AllowSpinning { get; set; }

    /// <summary>Gets or sets whether the sessions that keep memory for intermediate tensors (<see cref="OnnxOptions.UseMemoryArena"/>) keep it together, so that what one has used another can use.</summary>
    /// <value>The default value is <see langword="false"/>: each session keeps its own.</value>
    public bool ShareArena { get; set; }

    /// <summary>Gets or sets how much memory the shared arena may hold, in bytes, ≥ 0; a prediction that would need more fails. 0 is without a limit.</summary>
    /// <value>The default value is 0. It has a meaning with <see cref="ShareArena"/> only.</value>
    public long MaxArenaBytes { get; set; }

    /// <summary>Describes the options, as in error messages. Equal descriptions are equal environments.</summary>
    /// <returns>The description.</returns>
    public override string ToString()
    {
        var threads = ShareThreads
            ? string.Create(CultureInfo.InvariantCulture, $"shared threads, {IntraOpThreads} within nodes and {InterOpThreads} between them, {(AllowSpinning ? "spinning" : "not spinning")}")
            : "threads of each session's own";
        var arena = !ShareArena ? "arenas of each session's own"
            : MaxArenaBytes == 0 ? "a shared arena"
            : string.Create(CultureInfo.InvariantCulture, $"a shared arena of at most {MaxArenaBytes} bytes");
        return $"{threads}; {arena}";
    }
}
