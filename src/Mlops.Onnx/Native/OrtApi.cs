namespace Mlops.Onnx;

/// <summary>ONNX Runtime's C API: a table of functions, to which versions only ever append. The numbers are the positions in that table.</summary>
/// <remarks>Every function that gives a status gives 0 on success; any other status must be released.</remarks>
internal sealed unsafe class OrtApi(void** table)
{
    /// <summary>The version of the table that is asked for. Every entry used here exists in it.</summary>
    public const uint Version = 17;

    public readonly delegate* unmanaged<nint, int> GetErrorCode = (delegate* unmanaged<nint, int>)table[1];
    public readonly delegate* unmanaged<nint, byte*> GetErrorMessage = (delegate* unmanaged<nint, byte*>)table[2];
    public readonly delegate* unmanaged<int, byte*, nint*, nint> CreateEnv = (delegate* unmanaged<int, byte*, nint*, nint>)table[3];
    public readonly delegate* unmanaged<int, byte*, nint, nint*, nint> CreateEnvWithGlobalThreadPools = (delegate* unmanaged<int, byte*, nint, nint*, nint>)table[119];
    public readonly delegate* unmanaged<nint*, nint> CreateThreadingOptions = (delegate* unmanaged<nint*, nint>)table[121];
    public readonly delegate* unmanaged<nint, void> ReleaseThreadingOptions = (delegate* unmanaged<nint, void>)table[122];
    public readonly delegate* unmanaged<nint, int, nint> SetGlobalIntraOpNumThreads = (delegate* unmanaged<nint, int, nint>)table[147];
    public readonly delegate* unmanaged<nint, int, nint> SetGlobalInterOpNumThreads = (delegate* unmanaged<nint, int, nint>)table[148];
    public readonly delegate* unmanaged<nint, int, nint> SetGlobalSpinControl = (delegate* unmanaged<nint, int, nint>)table[149];
    public readonly delegate* unmanaged<nint, nint, nint, nint> CreateAndRegisterAllocator = (delegate* unmanaged<nint, nint, nint, nint>)table[144];
    public readonly delegate* unmanaged<nint, void> ReleaseArenaCfg = (delegate* unmanaged<nint, void>)table[157];
    public readonly delegate* unmanaged<byte**, nuint*, nuint, nint*, nint> CreateArenaCfg = (delegate* unmanaged<byte**, nuint*, nuint, nint*, nint>)table[164];

    public readonly delegate* unmanaged<nint*, nint> CreatePrepackedWeightsContainer = (delegate* unmanaged<nint*, nint>)table[166];
    public readonly delegate* unmanaged<nint, void> ReleasePrepackedWeightsContainer = (delegate* unmanaged<nint, void>)table[167];
    public readonly delegate* unmanaged<nint, void*, nuint, nint, nint, nint*, nint> CreateSessionFromArrayWithPrepackedWeights = (delegate* unmanaged<nint, void*, nuint, nint, nint, nint*, nint>)table[169];
    public readonly delegate* unmanaged<nint, void*, nuint, nint, nint*, nint> CreateSessionFromArray = (delegate* unmanaged<nint, void*, nuint, nint, nint*, nint>)table[8];
    public readonly delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint> Run = (delegate* unmanaged<nint, nint, byte**, nint*, nuint, byte**, nuint, nint*, nint>)table[9];

    public readonly delegate* unmanaged<nint*, nint> CreateSessionOptions = (delegate* unmanaged<nint*, nint>)table[10];
    public readonly delegate* unmanaged<nint, int, nint> SetSessionExecutionMode = (delegate* unmanaged<nint, int, nint>)table[13];
    public readonly delegate* unmanaged<nint, nint> EnableMemPattern = (delegate* unmanaged<nint, nint>)table[16];
    public readonly delegate* unmanaged<nint, nint> DisableMemPattern = (delegate* unmanaged<nint, nint>)table[17];
    public readonly delegate* unmanaged<nint, nint> EnableCpuMemArena = (delegate* unmanaged<nint, nint>)table[18];
    public readonly delegate* unmanaged<nint, nint> DisableCpuMemArena = (delegate* unmanaged<nint, nint>)table[19];
    public readonly delegate* unmanaged<nint, int, nint> SetSessionGraphOptimizationLevel = (delegate* unmanaged<nint, int, nint>)table[23];
    public readonly delegate* unmanaged<nint, int, nint> SetIntraOpNumThreads = (delegate* unmanaged<nint, int, nint>)table[24];
    public readonly delegate* unmanaged<nint, int, nint> SetInterOpNumThreads = (delegate* unmanaged<nint, int, nint>)table[25];
    public readonly delegate* unmanaged<nint, nint> DisablePerSessionThreads = (delegate* unmanaged<nint, nint>)table[120];
    public readonly delegate* unmanaged<nint, byte*, nint, nint> AddInitializer = (delegate* unmanaged<nint, byte*, nint, nint>)table[150];
    public readonly delegate* unmanaged<nint, byte*, byte*, nint> AddSessionConfigEntry = (delegate* unmanaged<nint, byte*, byte*, nint>)table[130];
    public readonly delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint> AppendExecutionProvider = (delegate* unmanaged<nint, byte*, byte**, byte**, nuint, nint>)table[216];

    public readonly delegate* unmanaged<nint, nint, nint> AppendTensorRT = (delegate* unmanaged<nint, nint, nint>)table[170];
    public readonly delegate* unmanaged<nint*, nint> CreateTensorRTOptions = (delegate* unmanaged<nint*, nint>)table[171];
    public readonly delegate* unmanaged<nint, byte**, byte**, nuint, nint> UpdateTensorRTOptions = (delegate* unmanaged<nint, byte**, byte**, nuint, nint>)table[172];
    public readonly delegate* unmanaged<nint, void> ReleaseTensorRTOptions = (delegate* unmanaged<nint, void>)table[174];
    public readonly delegate* unmanaged<nint, nint, nint> AppendCuda = (delegate* unmanaged<nint, nint, nint>)table[204];
    public readonly delegate* unmanaged<nint*, nint> CreateCudaOptions = (delegate* unmanaged<nint*, nint>)table[205];
    public readonly delegate* unmanaged<nint, byte**, byte**, nuint, nint> UpdateCudaOptions = (delegate* unmanaged<nint, byte**, byte**, nuint, nint>)table[206];
    public readonly delegate* unmanaged<nint, void> ReleaseCudaOptions = (delegate* unmanaged<nint, void>)table[208];

    public readonly delegate* unmanaged<nint, nuint*, nint> SessionGetInputCount = (delegate* unmanaged<nint, nuint*, nint>)table[30];
    public readonly delegate* unmanaged<nint, nuint*, nint> SessionGetOutputCount = (delegate* unmanaged<nint, nuint*, nint>)table[31];
    public readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetInputTypeInfo = (delegate* unmanaged<nint, nuint, nint*, nint>)table[33];
    public readonly delegate* unmanaged<nint, nuint, nint*, nint> SessionGetOutputTypeInfo = (delegate* unmanaged<nint, nuint, nint*, nint>)table[34];
    public readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetInputName = (delegate* unmanaged<nint, nuint, nint, byte**, nint>)table[36];
    public readonly delegate* unmanaged<nint, nuint, nint, byte**, nint> SessionGetOutputName = (delegate* unmanaged<nint, nuint, nint, byte**, nint>)table[37];

    public readonly delegate* unmanaged<nint*, nint> CreateRunOptions = (delegate* unmanaged<nint*, nint>)table[39];
    public readonly delegate* unmanaged<nint, byte*, byte*, nint> AddRunConfigEntry = (delegate* unmanaged<nint, byte*, byte*, nint>)table[165];
    public readonly delegate* unmanaged<nint, nint> RunOptionsSetTerminate = (delegate* unmanaged<nint, nint>)table[46];
    public readonly delegate* unmanaged<nint, nint> RunOptionsUnsetTerminate = (delegate* unmanaged<nint, nint>)table[47];

    public readonly delegate* unmanaged<nint, long*, nuint, int, nint*, nint> CreateTensor = (delegate* unmanaged<nint, long*, nuint, int, nint*, nint>)table[48];
    public readonly delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint> CreateTensorWithData = (delegate* unmanaged<nint, void*, nuint, long*, nuint, int, nint*, nint>)table[49];
    public readonly delegate* unmanaged<nint, void**, nint> GetTensorMutableData = (delegate* unmanaged<nint, void**, nint>)table[51];
    public readonly delegate* unmanaged<nint, nuint*, nint> GetStringTensorDataLength = (delegate* unmanaged<nint, nuint*, nint>)table[53];
    public readonly delegate* unmanaged<nint, void*, nuint, nuint*, nuint, nint> GetStringTensorContent = (delegate* unmanaged<nint, void*, nuint, nuint*, nuint, nint>)table[54];
    public readonly delegate* unmanaged<nint, nuint, nuint, byte**, nint> GetResizedStringElement = (delegate* unmanaged<nint, nuint, nuint, byte**, nint>)table[252];

    public readonly delegate* unmanaged<nint, int, nint, nint*, nint> GetValue = (delegate* unmanaged<nint, int, nint, nint*, nint>)table[80];
    public readonly delegate* unmanaged<nint, nuint*, nint> GetValueCount = (delegate* unmanaged<nint, nuint*, nint>)table[81];

    public readonly delegate* unmanaged<nint, nint*, nint> CastTypeInfoToMapInfo = (delegate* unmanaged<nint, nint*, nint>)table[103];
    public readonly delegate* unmanaged<nint, nint*, nint> CastTypeInfoToSequenceInfo = (delegate* unmanaged<nint, nint*, nint>)table[104];
    public readonly delegate* unmanaged<nint, int*, nint> GetMapKeyType = (delegate* unmanaged<nint, int*, nint>)table[105];
    public readonly delegate* unmanaged<nint, nint*, nint> GetMapValueType = (delegate* unmanaged<nint, nint*, nint>)table[106];
    public readonly delegate* unmanaged<nint, nint*, nint> GetSequenceElementType = (delegate* unmanaged<nint, nint*, nint>)table[107];
    public readonly delegate* unmanaged<nint, nint*, nint> CastTypeInfoToTensorInfo = (delegate* unmanaged<nint, nint*, nint>)table[55];
    public readonly delegate* unmanaged<nint, int*, nint> GetOnnxTypeFromTypeInfo = (delegate* unmanaged<nint, int*, nint>)table[56];
    public readonly delegate* unmanaged<nint, int*, nint> GetTensorElementType = (delegate* unmanaged<nint, int*, nint>)table[60];
    public readonly delegate* unmanaged<nint, nuint*, nint> GetDimensionsCount = (delegate* unmanaged<nint, nuint*, nint>)table[61];
    public readonly delegate* unmanaged<nint, long*, nuint, nint> GetDimensions = (delegate* unmanaged<nint, long*, nuint, nint>)table[62];
    public readonly delegate* unmanaged<nint, nint*, nint> GetTensorTypeAndShape = (delegate* unmanaged<nint, nint*, nint>)table[65];

    public readonly delegate* unmanaged<int, int, nint*, nint> CreateCpuMemoryInfo = (delegate* unmanaged<int, int, nint*, nint>)table[69];
    public readonly delegate* unmanaged<nint, void*, nint> AllocatorFree = (delegate* unmanaged<nint, void*, nint>)table[76];
    public readonly delegate* unmanaged<nint*, nint> GetDefaultAllocator = (delegate* unmanaged<nint*, nint>)table[78];

    public readonly delegate* unmanaged<nint, void> ReleaseStatus = (delegate* unmanaged<nint, void>)table[93];
    public readonly delegate* unmanaged<nint, void> ReleaseSession = (delegate* unmanaged<nint, void>)table[95];
    public readonly delegate* unmanaged<nint, void> ReleaseValue = (delegate* unmanaged<nint, void>)table[96];
    public readonly delegate* unmanaged<nint, void> ReleaseRunOptions = (delegate* unmanaged<nint, void>)table[97];
    public readonly delegate* unmanaged<nint, void> ReleaseTypeInfo = (delegate* unmanaged<nint, void>)table[98];
    public readonly delegate* unmanaged<nint, void> ReleaseTensorInfo = (delegate* unmanaged<nint, void>)table[99];
    public readonly delegate* unmanaged<nint, void> ReleaseSessionOptions = (delegate* unmanaged<nint, void>)table[100];

    public readonly delegate* unmanaged<nint, nint*, nint> SessionGetModelMetadata = (delegate* unmanaged<nint, nint*, nint>)table[111];
    public readonly delegate* unmanaged<nint, nint, byte**, nint> MetadataGetProducerName = (delegate* unmanaged<nint, nint, byte**, nint>)table[112];
    public readonly delegate* unmanaged<nint, nint, byte**, nint> MetadataGetGraphName = (delegate* unmanaged<nint, nint, byte**, nint>)table[113];
    public readonly delegate* unmanaged<nint, nint, byte**, nint> MetadataGetDomain = (delegate* unmanaged<nint, nint, byte**, nint>)table[114];
    public readonly delegate* unmanaged<nint, nint, byte**, nint> MetadataGetDescription = (delegate* unmanaged<nint, nint, byte**, nint>)table[115];
    public readonly delegate* unmanaged<nint, nint, byte*, byte**, nint> MetadataLookup = (delegate* unmanaged<nint, nint, byte*, byte**, nint>)table[116];
    public readonly delegate* unmanaged<nint, long*, nint> MetadataGetVersion = (delegate* unmanaged<nint, long*, nint>)table[117];
    public readonly delegate* unmanaged<nint, void> ReleaseModelMetadata = (delegate* unmanaged<nint, void>)table[118];
    public readonly delegate* unmanaged<nint, nint, byte***, long*, nint> MetadataGetKeys = (delegate* unmanaged<nint, nint, byte***, long*, nint>)table[123];

    public readonly delegate* unmanaged<byte***, int*, nint> GetAvailableProviders = (delegate* unmanaged<byte***, int*, nint>)table[125];
    public readonly delegate* unmanaged<byte**, int, nint> ReleaseAvailableProviders = (delegate* unmanaged<byte**, int, nint>)table[126];
}
