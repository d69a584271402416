namespace Mlops.Onnx;

/// <summary>How ONNX models are loaded and run. The defaults are those of a server: no threads beyond the caller's.</summary>
public sealed class OnnxOptions
{
    /// <summary>Gets or sets what evaluates models.</summary>
    /// <value>The default value is <see cref="OnnxEvaluator.Runtime"/>: one evaluator never takes the place of the other unasked.</value>
    public OnnxEvaluator Evaluator { get; set; } = OnnxEvaluator.Runtime;

    /// <summary>Gets or sets the number of threads that work on one node, ≥ 0; 1 is the caller's alone, 0 one for each physical core.</summary>
    /// <value>The default value is 1: concurrency comes from concurrent predictions.</value>
    public int IntraOpThreads { get; set; } = 1;

    /// <summary>Gets or sets the number of threads that work on different nodes at the same time, ≥ 0; used by <see cref="OnnxExecutionMode.Parallel"/> only.</summary>
    /// <value>The default value is 1.</value>
    public int InterOpThreads { get; set; } = 1;

    /// <summary>Gets or sets whether threads without work burn processor time for a moment before they sleep.</summary>
    /// <value>The default value is <see langword="false"/>.</value>
    public bool AllowSpinning { get; set; }

    /// <summary>Gets or sets how much the graph is rewritten.</summary>
    /// <value>The default value is <see cref="OnnxGraphOptimizationLevel.All"/>.</value>
    public OnnxGraphOptimizationLevel GraphOptimizationLevel { get; set; } = OnnxGraphOptimizationLevel.All;

    /// <summary>Gets or sets in which order nodes are evaluated.</summary>
    /// <value>The default value is <see cref="OnnxExecutionMode.Sequential"/>.</value>
    public OnnxExecutionMode ExecutionMode { get; set; } = OnnxExecutionMode.Sequential;

    /// <summary>Gets or sets whether the memory for intermediate tensors is planned from the shapes of earlier calls; of use when batches are always of one size.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool UseMemoryPattern { get; set; } = true;

    /// <summary>Gets or sets whether memory for intermediate tensors is kept between calls; it then stays at its high-water mark.</summary>
    /// <value>The default value is <see langword="true"/>.</value>
    public bool UseMemoryArena { get; set; } = true;

    /// <summary>Gets or sets whether every prediction gives back the memory by which it made the arena grow, so that a large batch does not hold it for ever.</summary>
    /// <value>The default value is <see langword="false"/>: giving memory back and taking it again costs time at each call. It needs <see cref="UseMemoryArena"/>.</value>
    public bool ShrinkMemoryArena { get; set; }

    /// <summary>Gets or sets whether the model keeps its weights, and its file, together with other models in memory that have the same and are loaded so, too: generations of one model, or the same model under several names.</summary>
    /// <value>The default value is <see langword="false"/>: looking for the same weights costs time when the model is loaded, a second for each gigabyte or so.</value>
    public bool ShareWeights { get; set; }

    /// <summary>Gets or sets whether the model keeps the content of its file in memory, for <see cref="OnnxModel.ToBytes"/> and <see cref="OnnxModel.SaveAsync"/>; predictions do not need it.</summary>
    /// <value>The default value is <see langword="null"/>: models that are loaded from a file or from memory keep it, those of a model directory do not, because it is there.</value>
    public bool? KeepFile { get; set; }

    /// <summary>Gets or sets what this model and all others of the process have in common. The first model that is loaded decides; one that asks for something else is refused.</summary>
    /// <value>The default value is <see langword="null"/>: what there is, or the defaults of <see cref="OnnxEnvironmentOptions"/>.</value>
    public OnnxEnvironmentOptions? Environment { get; set; }

    /// <summary>Gets the execution providers, the preferred one first; nodes that none of them takes run on the CPU.</summary>
    /// <value>The default value is empty: CPU.</value>
    public IList<OnnxExecutionProvider> ExecutionProviders { get; } = [];

    /// <summary>Gets further session settings by ONNX Runtime's own keys: <c>session.dynamic_block_base</c> = <c>4</c>.</summary>
    /// <value>The default value is empty.</value>
    public IDictionary<string, string> SessionConfig { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets or sets the path of ONNX Runtime's native library.</summary>
    /// <value>The default value is <see langword="null"/>: the one that a NuGet package has put beside the application.</value>
    public string? LibraryPath { get; set; }
}
